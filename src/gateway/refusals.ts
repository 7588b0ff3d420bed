/** What whoever asks is told when nothing came of it: a page for people, problem details (RFC 9457) for programs. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sqlState } from '../identity/sql.ts'
import { sendErrorPage } from './page.ts'

const TITLES: Readonly<Record<number, string>> = {
  400: 'This could not be read',
  401: 'Sign in first',
  403: 'You may not do this',
  404: 'There is no such page',
  409: 'This cannot be done now',
  413: 'This is too much at once',
  415: 'This kind of content is not taken',
  421: 'This is another address',
  429: 'Too many requests',
  503: 'This is not available now',
}
const title = (status: number): string =>
  TITLES[status] ?? (status < 500 ? 'This was not accepted' : 'Something went wrong here')

/** Thrown by a route: its status, and a sentence that whoever asks may read. */
export class Refused extends Error {
  readonly statusCode: number
  /** Heading of the page, where the usual one of its status says something else. */
  readonly heading: string | undefined
  constructor(status: number, sentence: string, heading?: string) {
    super(sentence)
    this.statusCode = status
    this.heading = heading
  }
}

/** An answer of problem details; `type` is left out, which says that the status tells it all. */
export function sendProblem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify({ title: title(status), status, detail }))
}

/** SQLSTATEs of text that PostgreSQL does not take: with a NUL, or an escape of one. */
const UNKEEPABLE: ReadonlySet<string | undefined> = new Set(['22021', '22P05'])

const isPage = ({ url, headers }: FastifyRequest): boolean =>
  !/^\/t\/[^/]*\/api(\/|$|\?)/.test(url) && (headers.accept ?? '').includes('text/html')

function refuse(
  request: FastifyRequest, reply: FastifyReply, status: number, text: string, heading = title(status),
): FastifyReply {
  if (!isPage(request)) return sendProblem(reply, status, text)
  const reference = status >= 500 ? request.id : null
  return sendErrorPage(reply, status, { title: heading, text, reference })
}

export function refusals(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => refuse(request, reply, 404, 'Look at the address again.'))
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (UNKEEPABLE.has(sqlState(error)))
      return refuse(request, reply, 400, 'There is a character in it that cannot be kept.')
    const status = error.statusCode !== undefined && error.statusCode >= 400 ? error.statusCode : 500
    if (status >= 500) request.log.error(error)
    const text =
      status >= 500 && !(error instanceof Refused) ? 'It was written down, and nothing was done.' : error.message
    return refuse(request, reply, status, text, error instanceof Refused ? error.heading : undefined)
  })
}
