import type { HttpAnswer, HttpRequest } from '../../contract.ts'
import type { Window } from '../metric.ts'

/** What a source needs of the world: the Reader of the action contract has it. */
export interface Ground {
  many<R>(sql: string, params?: readonly unknown[]): Promise<R[]>
  http(request: HttpRequest): Promise<HttpAnswer>
  file(path: string): Promise<Uint8Array>
}

/** Whose numbers, and of which time. */
export interface Asked {
  readonly tenant: string
  readonly window: Window
}
