/** What is needed of the system's message bus. */
export interface MessageBus extends Disposable {
  /** @throws Error when the service refuses or the connection ends */
  call(call: MessageCall): Promise<readonly unknown[]>;
  onSignal(listener: (signal: BusMessage) => void): Disposable;
  /** Resolves once the connection has ended. */
  readonly closed: Promise<void>;
}

export interface MessageCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** D-Bus signature of `body`. */
  readonly signature?: string | undefined;
  readonly body?: readonly unknown[] | undefined;
}

export interface BusMessage {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}
