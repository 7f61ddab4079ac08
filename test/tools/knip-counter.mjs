/** A reporter for knip that says only how many files it looked at, so that one that saw none can't pass.
 *  @param {{ counters: { processed: number } }} options */
// biome-ignore lint/style/noDefaultExport: knip takes a reporter as its module's default export, and in no other way.
export default function knipCounter({ counters }) {
  process.stdout.write(`checked ${counters.processed} files\n`);
}
