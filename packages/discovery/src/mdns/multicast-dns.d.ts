/** The part of the library that is used; it has no types of its own. */
declare module "multicast-dns" {
  type Packet = import("./packets.ts").DnsPacket;
  type Done = (error?: Error | null) => void;
  interface Options {
    readonly type: "udp4" | "udp6";
    readonly ip: string;
    readonly port: number;
    readonly interface: string;
    readonly bind: string;
  }
  interface MulticastDns {
    on(event: "error" | "warning", listener: (error: NodeJS.ErrnoException) => void): void;
    on(event: "packet", listener: (packet: Packet, sender: { readonly address: string }) => void): void;
    query(packet: Pick<Packet, "questions">, done?: Done): void;
    respond(packet: Partial<Packet>, done?: Done): void;
    destroy(done?: () => void): void;
  }
  function multicastDns(options: Options): MulticastDns;
  export = multicastDns;
}
