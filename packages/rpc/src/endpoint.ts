/** Where a FleetService is served; how it is written is a rule of the fleet, which a membership file needs too. */
export { authorityOf, type Endpoint, formatEndpoint, isLoopback, parseEndpoint } from "@mosaic/core/light";
