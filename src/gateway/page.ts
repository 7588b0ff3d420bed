/** The frame of every page: plain, with labels and headings that a screen reader can walk, and no script. */
import type { FastifyReply } from 'fastify'
import { type Html, html } from './html.ts'

export const STYLE_PATH = '/assets/page.css'

export interface Page {
  /** Heading, and title of the window; what went wrong is said there as well. */
  readonly title: string
  /** Of the tenant; null: none is known. */
  readonly tenant: string | null
  /** What was wrong with what was sent, in sentences; shown first, and announced. `field`: id of the input. */
  readonly errors?: readonly { readonly field?: string; readonly text: string }[]
  /** What was done; announced. */
  readonly notice?: string | null
  readonly body: Html
}

export function pageHtml({ title, tenant, errors = [], notice = null, body }: Page): string {
  const window = [errors.length > 0 ? `Error: ${title}` : title, tenant].filter((one) => one !== null).join(' – ')
  const troubles = errors.map(({ field, text }) =>
    html`<li>${field === undefined ? text : html`<a href="#${field}">${text}</a>`}</li>`)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${window}</title>
<link rel="stylesheet" href="${STYLE_PATH}">
</head>
<body>
<main>
${tenant !== null && html`<p class="tenant">${tenant}</p>`}
<h1>${title}</h1>
${
  errors.length > 0 &&
  html`<div class="errors" role="alert" id="errors">
<h2>There is a problem</h2>
<ul>${troubles}</ul>
</div>`
}
${notice !== null && html`<p class="notice" role="status">${notice}</p>`}
${body}
</main>
</body>
</html>
`.text
}

export function sendPage(reply: FastifyReply, status: number, page: Page): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(pageHtml(page))
}

interface ErrorPage {
  readonly title: string
  readonly tenant?: string | null
  readonly text: string
  /** By which whoever runs this finds it again. */
  readonly reference?: string | null
  /** Where one begins again. */
  readonly back?: { readonly href: string; readonly text: string } | null
}

/** A page that only says why nothing went on. */
export function sendErrorPage(
  reply: FastifyReply, status: number, { title, tenant = null, text, reference = null, back = null }: ErrorPage,
): FastifyReply {
  const body = html`<p>${text}</p>
${reference !== null && html`<p>If you ask for help, give this reference: <code>${reference}</code></p>`}
${back !== null && html`<p><a href="${back.href}">${back.text}</a></p>`}`
  return sendPage(reply, status, { title, tenant, body })
}
