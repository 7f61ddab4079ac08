/** Writes the first 96 bits of a hash as six words that can be read aloud, `lusab-babad-…`: each is 16 bits, consonants and
 *  vowels in turn (the "proquint" alphabet), so that two people can compare them over a telephone.
 *  @param sha256 in hex */
export function fingerprintWords(sha256: string): string {
  const bytes = Buffer.from(sha256.slice(0, 24), "hex");
  return Array.from({ length: 6 }, (_, index) => word(bytes.readUInt16BE(index * 2))).join("-");
}

const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";

function word(bits: number): string {
  const consonant = (shift: number) => CONSONANTS[(bits >> shift) & 15];
  const vowel = (shift: number) => VOWELS[(bits >> shift) & 3];
  return [consonant(12), vowel(10), consonant(6), vowel(4), consonant(0)].join("");
}
