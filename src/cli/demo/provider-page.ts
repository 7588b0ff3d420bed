/** The pages of the demo's identity providers, and what their forms send. */
import type { IncomingMessage } from 'node:http'

/** Characters that a form may send. */
const MOST = 10_000

export const HTML = { 'content-type': 'text/html; charset=utf-8' }

export const page = (body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Customer sign-in</title></head>
<body><main><h1>Customer sign-in</h1>${body}</main></body></html>`

/** Fields of a form in which somebody signs in. */
export const CREDENTIALS = `
<p><label for="email">E-mail</label> <input id="email" name="email" type="email" autocomplete="username"></p>
<p><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password"></p>`

export const WRONG = '<p role="alert">E-mail or password are wrong.</p>'

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)

/** The body of a request. Throws where it is longer than a form's. */
export async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > MOST) throw new Error('This is too long.')
  }
  return text
}
