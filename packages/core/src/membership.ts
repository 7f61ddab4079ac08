/** Which hosts a fleet expects, as its membership file says: what commands need of it, unlike the whole room. */
export { type Address, formatAddress, parseAddress } from "./membership/address.ts";
export { type Member, memberKey, memberName, parseMembership } from "./membership/parse-membership.ts";
