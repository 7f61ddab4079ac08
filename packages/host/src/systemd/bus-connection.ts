/** One method call. */
export interface BusCall {
  /** Absent where the other end of the connection is the service itself. */
  readonly destination?: string | undefined;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** D-Bus signature of `body`; absent for a call without arguments. */
  readonly signature?: string | undefined;
  readonly body?: readonly unknown[] | undefined;
}

/** Something that the other end tells without being asked. */
export interface BusSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

/** A D-Bus connection: to one service without a bus between, or to a bus (see system-bus.ts). */
export interface BusConnection extends Disposable {
  /** Resolves to the values of the reply. 64-bit numbers are bigints, dictionaries with text keys are objects, variants are
   *  their values. The message leaves in this step of work, so that calls arrive in order.
   *  @throws BusError when the other end refuses; ConnectionLost when the connection ends first */
  call(call: BusCall): Promise<readonly unknown[]>;
  /** Resolves once the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
}

/** A refusal by the other end. Never leaves this folder. */
export class BusError extends Error {
  /** For example `org.freedesktop.systemd1.NoSuchUnit`. */
  readonly errorName: string;

  constructor(errorName: string, message: string) {
    super(message);
    this.errorName = errorName;
  }
}

/** Thrown to whoever waits for a reply when the connection ends. Never leaves this folder. */
export class ConnectionLost extends Error {}
