// Set by the bundler; running from source has no version of its own.
declare const __MOSAIC_VERSION__: string | undefined;

/** Version of the software. */
export const VERSION: string = typeof __MOSAIC_VERSION__ === "string" ? __MOSAIC_VERSION__ : "0.1.0-dev";
