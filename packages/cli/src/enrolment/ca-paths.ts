import { identityFolder } from "@mosaic/identity";

/** Where the parts of a fleet's authority are, below a home. */
export interface CaPaths {
  readonly folder: string;
  readonly state: string;
  readonly intermediate: string;
  /** The intermediate under the root that comes, while a root is changed. */
  readonly nextIntermediate: string;
  /** Roots that everybody is to trust. */
  readonly roots: string;
  readonly register: string;
  readonly policy: string;
}

/** The places of a home. */
export function caPaths(mosaicHome: string): CaPaths {
  const fleet = `${mosaicHome}/fleet`;
  return {
    folder: `${fleet}/ca`,
    state: `${fleet}/ca/state.json`,
    intermediate: `${fleet}/ca/intermediate.pem`,
    nextIntermediate: `${fleet}/ca/next-intermediate.pem`,
    roots: `${identityFolder(mosaicHome, "aggregator")}/roots.pem`,
    register: `${fleet}/enrolment.json`,
    policy: `${fleet}/policy.yaml`,
  };
}

/** The file of a root, by its pin. It holds the root's key. */
export function rootFile(folder: string, pin: string): string {
  return `${folder}/root-${pin.slice(0, 12)}.pem`;
}
