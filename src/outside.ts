/** What actions are given of the world outside: programs, templates, servers, mail. */

/** A program to run: argument list, never a shell string. */
export interface Program {
  readonly argv: readonly string[]
  /** The whole environment of the program; nothing is inherited that is not named. */
  readonly env?: Readonly<Record<string, string>>
  /** Names of variables taken from our own environment. */
  readonly env_from?: readonly string[]
  readonly cwd?: string
  readonly timeout_ms: number
  readonly stdin?: string
}

export interface ProgramResult {
  /** null: ended by a signal or by the timeout. */
  readonly exit: number | null
  readonly timed_out: boolean
  /** Redacted and capped. */
  readonly stdout: string
  readonly stderr: string
}

/** A template of a document as its file has it. */
export interface TemplateFile {
  /** What a step names: `go-live-mail`. */
  readonly name: string
  /** `templates/go-live-mail.txt`. */
  readonly path: string
  readonly text: string
  /** sha256 (hex) of its bytes. */
  readonly digest: string
}

export interface HttpRequest {
  readonly url: string
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  /** Headers whose value is in an environment variable, after a prefix: no action ever holds it. */
  readonly secret_headers?: Readonly<Record<string, { readonly env: string; readonly prefix?: string }>>
  readonly body?: string
  readonly timeout_ms: number
  /** How many redirects are followed; 0: none. */
  readonly redirects: number
}

export interface HttpAnswer {
  readonly status: number
  /** Names in lower case; several of a name joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** Every Set-Cookie by itself: joined, they could not be told apart. */
  readonly cookies: readonly string[]
  /** Text of at most 1 MiB. */
  readonly body: string
  /** Where it came from: of the last redirect followed. */
  readonly url: string
  /** The address that answered; null where a proxy stood between. */
  readonly address: string | null
  readonly ms: number
}

/** One TLS handshake. */
export interface TlsRequest {
  readonly host: string
  readonly port: number
  readonly timeout_ms: number
  /** The only version offered, as Node names it. Left out: what is secure today. */
  readonly version?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
}

export type TlsSeen =
  /** There was no handshake. `local`: this side could not offer it, so that nothing was learned of the other. */
  | { readonly connected: false; readonly reason: string; readonly local: boolean }
  | {
      readonly connected: true
      readonly version: string
      /** Why the certificate is not to be trusted for this host; null where it is. */
      readonly problem: string | null
      /** Lifetime of the certificate, ISO 8601. */
      readonly valid_from: string
      readonly valid_to: string
    }

/** One mail; its Message-ID is fixed before it is sent, and sent again it is the same mail. */
export interface Letter {
  readonly message_id: string
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly subject: string
  /** ISO 8601 instant. */
  readonly date: string
  readonly body: { readonly media_type: string; readonly text: string }
  readonly attachments: readonly { readonly name: string; readonly media_type: string; readonly bytes: Uint8Array }[]
}

/** Where mail goes. */
export interface Postbox {
  /** `mail.vendor.example:587`, `folder /home/ada/outbox`. */
  readonly via: string
  /** true: the same letter sent again takes the place of the first, so that sending it once more does no harm. */
  readonly repeatable: boolean
  /**
   * Sends; gives what the other side said and which addresses it refused. `within_ms`: the whole takes no longer.
   * @throws OnboardError (unreachable or failed) where the letter is known not to be sent, (waiting, `mail-unknown`)
   * where that cannot be known
   */
  send(letter: Letter, within_ms?: number): Promise<{ readonly response: string; readonly refused: readonly string[] }>
}
