declare const __MOSAIC_VERSION__: string | undefined;

/** The version of this command. The bundler puts it in; sources run as they stand are a development version. */
export const VERSION: string = typeof __MOSAIC_VERSION__ === "undefined" ? "0.1.0-dev" : __MOSAIC_VERSION__;
