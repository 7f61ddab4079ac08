/** Entry point of mosaic-node as it is installed: sees to its memory, then loads the program. */
import { setFlagsFromString } from "node:v8";

// The heap's young part stays as small as it begins. What a node keeps is little and lives long, and V8 would hold on for minutes
// to the 30 MB that it takes while the program is loaded and at each burst. Has to be said before either.
setFlagsFromString("--semi-space-growth-factor=1");
await import("./main.ts");
