import type { Client } from 'pg'
import type {
  HttpAnswer, HttpRequest, Postbox, Program, ProgramResult, Reader, Row, TemplateFile, TlsRequest, TlsSeen, Vault,
  Writer,
} from '../contract.ts'
import { OnboardError } from '../errors.ts'
import type { Product } from '../product/port.ts'
import { sendPrepared } from './prepared.ts'

/** What a Reader needs besides a connection. */
export interface Surroundings {
  readonly product: Product
  exec(program: Program): Promise<ProgramResult>
  readonly onboarding?: Reader['onboarding']
  readonly thresholds?: Reader['thresholds']
  /** How long (ms) effects that follow each other may keep a transaction open; left out: 25. */
  readonly share_ms?: number
  template?(name: string): Promise<TemplateFile>
  http?(request: HttpRequest): Promise<HttpAnswer>
  tls?(request: TlsRequest): Promise<TlsSeen>
  file?(path: string): Promise<Uint8Array>
  postbox?(): Promise<Postbox>
  readonly vault?: Vault
}

/** Of a Reader that serves no onboarding. */
const NONE = { id: '00000000-0000-0000-0000-000000000000', key: '' }

/** What is asked of a Reader that was given no such surroundings. */
function without(what: string): never {
  throw new OnboardError('bug', 'no-surroundings', `this step was given no ${what}`)
}

/**
 * Wraps a statement so that only a query can pass: a subquery admits SELECT, VALUES and WITH, and refuses every command
 * and data-modifying WITH by grammar; the extended protocol refuses a second statement.
 */
export function onlyQuery(sql: string): string {
  return `SELECT * FROM (\n${sql}\n) AS "read"`
}

async function select<R>(client: Client, sql: string, params: readonly unknown[]): Promise<R[]> {
  return (await sendPrepared(client, onlyQuery(sql), params)).rows as R[]
}

/** The engine has the journal, and gives it to the steps of its runs. */
const NO_PAST: Reader['past'] = { standing: async () => without('journal'), takenBack: async () => without('journal') }

/** A Reader on the connection as it stands; the caller has made sure that its role or transaction cannot write. */
export function createReader(
  client: Client, key: string,
  { product, exec, onboarding, thresholds, template, http, tls, file, vault }: Surroundings,
): Reader {
  return {
    key,
    product,
    exec,
    onboarding: onboarding ?? NONE,
    thresholds: thresholds ?? [],
    past: NO_PAST,
    template: async (name) => (template ?? (() => without('templates')))(name),
    http: async (request) => (http ?? (() => without('network')))(request),
    tls: async (request) => (tls ?? (() => without('network')))(request),
    file: async (path) => (file ?? (() => without('files')))(path),
    given: async (name, place) => vault?.given(name, place) ?? null,
    many: <R = Row>(sql: string, params: readonly unknown[] = []) => select<R>(client, sql, params),
    one: async <R = Row>(sql: string, params: readonly unknown[] = []) => (await select<R>(client, sql, params))[0],
  }
}

/** A Writer on the connection: reads as a Reader does, and writes by `run`, one statement for each call. */
export function createWriter(
  client: Client, key: string, surroundings: Surroundings, secret: Writer['secret'],
): Writer {
  return {
    ...createReader(client, key, surroundings),
    secret,
    takeBack: async () => without('journal'),
    seal: async (value, place) => surroundings.vault?.seal(value, place) ?? without('sealing key'),
    postbox: async () => (surroundings.postbox ?? (() => without('mail')))(),
    run: async (sql, params = []) => (await sendPrepared(client, sql, params)).rowCount ?? 0,
  }
}
