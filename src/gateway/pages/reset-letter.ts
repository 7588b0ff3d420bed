import type { Letter } from '../../contract.ts'

/** The mail with the link. Plain text: no mail program makes anything else of it. */
export function resetLetter({
  id,
  to,
  tenant,
  address,
  minutes,
  at,
}: {
  readonly id: string
  readonly to: string
  readonly tenant: string
  readonly address: string
  readonly minutes: number
  readonly at: string
}): Letter {
  const name = tenant.replaceAll(/\p{Cc}+/gu, ' ')
  const text = `Somebody, probably you, asked for a new password at ${name}.

Choose one here within ${minutes} minutes; the address is good once:

${address}

If it was not you, nothing has changed: your password is what it was, and this mail can go.
`
  return {
    message_id: `<${id}@${new URL(address).hostname}>`,
    to: [to],
    cc: [],
    subject: `A new password for ${name}`,
    date: at,
    body: { media_type: 'text/plain', text },
    attachments: [],
  }
}
