/** What this page needs of google.protobuf.FileDescriptorProto, in its JSON form. */
export interface FileJson {
  readonly name: string;
  readonly service?: readonly ServiceJson[];
  readonly messageType?: readonly MessageJson[];
  readonly enumType?: readonly {
    readonly name: string;
    readonly value?: readonly { readonly name: string; readonly number?: number }[];
  }[];
  readonly sourceCodeInfo?: {
    readonly location?: readonly { readonly path?: readonly number[]; readonly leadingComments?: string }[];
  };
}

export interface ServiceJson {
  readonly name: string;
  readonly method?: readonly {
    readonly name: string;
    readonly inputType: string;
    readonly outputType: string;
    readonly serverStreaming?: boolean;
  }[];
}

export interface MessageJson {
  readonly name: string;
  readonly field?: readonly FieldJson[];
  readonly nestedType?: readonly MessageJson[];
  readonly options?: { readonly mapEntry?: boolean };
}

export interface TypeJson {
  readonly type: string;
  readonly typeName?: string;
}

export interface FieldJson extends TypeJson {
  readonly name: string;
  readonly number: number;
  readonly label?: string;
  readonly oneofIndex?: number;
  readonly proto3Optional?: boolean;
}

/** The comments of one file, found by the path of what they stand above: field numbers and indexes in turn, as in
 *  google.protobuf.SourceCodeInfo. */
export class SourceComments {
  readonly #byPath: ReadonlyMap<string, string>;

  constructor(file: FileJson) {
    const locations = file.sourceCodeInfo?.location ?? [];
    this.#byPath = new Map(locations.map(({ path = [], leadingComments = "" }) => [path.join("."), leadingComments]));
  }

  /** On one line, for a table. */
  at(path: readonly number[]): string {
    return this.paragraphsAt(path).replaceAll(/\s+/g, " ").trim();
  }

  /** As it was written, but for the blank after `//`. */
  paragraphsAt(path: readonly number[]): string {
    return (this.#byPath.get(path.join(".")) ?? "").replaceAll(/^ /gm, "").trim();
  }
}
