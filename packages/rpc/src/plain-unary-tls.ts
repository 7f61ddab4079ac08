// A module of its own, because what is imported both statically and by import() would be loaded at start by the bundle.
export { openTls, withIdentity } from "./tls/open-tls.ts";
export { refusalOf } from "./tls/refusal-of.ts";
