/** A page by which a browser posts a message to an identity provider (SAML bindings §3.5): by itself, or by button. */
import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { Html, html } from './html.ts'
import { sendPage } from './page.ts'

const SCRIPT = 'document.forms[0].submit()'
/**
 * One script, known by its hash. Where the form may lead is not restricted: browsers hold `form-action` against every
 * redirect that follows, and identity providers have several hosts.
 */
const POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
  + `script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`

export function sendPostForm(
  reply: FastifyReply, action: string, fields: Readonly<Record<string, string>>,
): FastifyReply {
  void reply.header('content-security-policy', POLICY)
  const body = html`<p>You are being taken to your identity provider.</p>
<form method="post" action="${action}">
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button type="submit">Continue</button>
</form>
${new Html(`<script>${SCRIPT}</script>`)}`
  return sendPage(reply, 200, { title: 'Sign in', tenant: null, body })
}
