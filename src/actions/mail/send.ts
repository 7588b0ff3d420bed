import { defineAction, type Reader, type Writer } from '../../contract.ts'
import { canonical, sha256 } from '../../digest.ts'
import { header, mailbox } from '../../documents/encode/header.ts'
import { ENDINGS } from '../../documents/file.ts'
import { DOCUMENT_NAME } from '../../documents/name.ts'
import { bytesOf, currentDocument, type Current } from '../../documents/store.ts'
import { OnboardError } from '../../errors.ts'
import type { Change } from '../../model.ts'
import { beginMail, closeMail, endMail, openMail, type Mail, unknownMail } from './_outbox.ts'

type Content = {
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly subject: string | null
  readonly text: string | null
  readonly document: string | null
  readonly attach: readonly string[]
}

interface Seen {
  readonly mail: Mail | null
  /** The documents that it is made of; null where one is not there yet. */
  readonly documents: readonly (Current | null)[]
}

interface MailChange extends Change {
  readonly content: Content
}

const ADDRESSES = { type: 'array', items: { type: 'string' } } as const

/**
 * A mail is sent once: what was sent stays sent, whatever its document says later. Where a server has not said what
 * became of it, a person decides.
 */
export default defineAction({
  title: 'Sends a document or a text by mail, never twice; asks a person where it cannot be known whether it was sent.',
  example: { to: ['ada@acme.example'], subject: 'You are live', document: 'go-live-mail' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['to'],
    properties: {
      to: { ...ADDRESSES, minItems: 1, maxItems: 50, description: 'Mail addresses.' },
      cc: { ...ADDRESSES, maxItems: 50, description: 'Mail addresses that get a copy.' },
      subject: { type: 'string', maxLength: 250, description: "Subject; default: the document's title." },
      document: { ...DOCUMENT_NAME, description: 'Name of a document that was rendered: the text of the mail.' },
      text: {
        type: 'string', minLength: 1, maxLength: 20_000, description: 'The text itself, in place of a document.',
      },
      attach: { ...ADDRESSES, maxItems: 10, description: 'Names of documents that come with it as files.' },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['message_id', 'to', 'sent_at', 'via'],
    properties: {
      message_id: { type: 'string', description: 'Its Message-ID, fixed before it was sent.' },
      to: { type: 'array', items: { type: 'string' }, description: 'Who got it.' },
      sent_at: { type: 'string', description: 'ISO 8601 instant.' },
      via: { type: 'string', description: 'Server or folder that took it.' },
    },
  },
  where: 'outside',
  undoing: 'undone in the journal alone: what was sent stays sent',

  async check(read, input): Promise<Seen> {
    const content = contentOf(input)
    const documents = []
    for (const name of namesOf(content)) documents.push(await currentDocument(read, read.onboarding.id, name))
    const mail = await openMail(read)
    // Sent again where that does no harm; else nobody knows, and a person says.
    if ((mail?.state === 'sending' && !mail.repeatable) || mail?.state === 'partly') throw unknownMail(read, mail)
    return { mail, documents }
  },

  plan(input, { mail, documents }): MailChange | null {
    if (mail?.state === 'sent') return null
    const content = contentOf(input)
    const titled = content.document === null ? null : documents[0]
    const subject = content.subject ?? titled?.title ?? null
    return {
      target: `mail to ${content.to.join(', ')}`,
      before: null,
      // A document that is written only then says its title then.
      after: { sent: true, ...(subject === null ? { document: content.document } : { subject }) },
      content,
    }
  },

  async apply(write, { content }) {
    const { subject, body, attachments, digest } = await letterOf(write, content)
    const box = await write.postbox()
    const mail = await beginMail(write, {
      content: digest, recipients: [...content.to, ...content.cc], subject, via: box.via, repeatable: box.repeatable,
    })
    const letter = {
      message_id: mail.message_id, to: content.to, cc: content.cc, subject, date: mail.began_at, body, attachments,
    }
    let sent: Awaited<ReturnType<typeof box.send>>
    try {
      sent = await box.send(letter)
    } catch (error) {
      if (!(error instanceof OnboardError) || error.kind === 'waiting') throw unknownMail(write, mail, error)
      await endMail(write, mail.message_id, 'refused', error.message)
      const { kind, code, message, suggestions } = error
      const known = suggestions.map((one) => one.replace('CUSTOMER', write.onboarding.key))
      throw new OnboardError(kind, code, message, { cause: error, suggestions: known })
    }
    const state = sent.refused.length === 0 ? 'sent' : 'partly'
    const response = state === 'sent' ? sent.response : `refused for ${sent.refused.join(', ')}; the others have it`
    await endMail(write, mail.message_id, state, response)
    if (state === 'partly') throw unknownMail(write, { ...mail, state, response })
  },

  outputs: (input, { mail }) => ({
    message_id: mail?.message_id ?? '',
    to: input.to,
    sent_at: mail?.sent_at ?? '',
    via: mail?.via ?? '',
  }),

  // A later document is no reason against it: what was sent was sent.
  owned: ({ mail }) => mail?.message_id ?? null,

  async undo(write, change, after) {
    if (after.mail === null) return
    await closeMail(write, after.mail.message_id)
    return `${change.target} was sent and stays sent`
  },
})

interface Given {
  readonly to: readonly string[]
  readonly cc?: readonly string[]
  readonly subject?: string
  readonly document?: string
  readonly text?: string
  readonly attach?: readonly string[]
}

/** @throws OnboardError (invalid) for what is no address or no header, or where there is not exactly one text */
function contentOf({ to, cc = [], subject, document, text, attach = [] }: Given): Content {
  for (const one of to) mailbox(one, 'to')
  for (const one of cc) mailbox(one, 'cc')
  if ((document === undefined) === (text === undefined)) {
    throw new OnboardError('invalid', 'mail-without-text', 'a mail has either document: or text:')
  }
  if (document === undefined && subject === undefined) {
    throw new OnboardError('invalid', 'mail-without-subject', 'a mail of text: has a subject:')
  }
  if (subject !== undefined && header(subject, 'subject').trim() === '') {
    throw new OnboardError('invalid', 'mail-without-subject', 'the subject is empty')
  }
  return { to, cc, subject: subject ?? null, document: document ?? null, text: text ?? null, attach }
}

function namesOf({ document, attach }: Content): readonly string[] {
  return [...(document === null ? [] : [document]), ...attach]
}

async function letterOf(write: Writer, content: Content) {
  const text = content.document === null ? null : await documentOf(write, content.document)
  const attached = []
  for (const name of content.attach) attached.push(await documentOf(write, name))
  const subject = header(content.subject ?? text?.current.title ?? '', 'subject')
  const body = text === null
    ? { media_type: 'text/plain', text: content.text ?? '' }
    : { media_type: text.current.media_type, text: Buffer.from(text.bytes).toString('utf8') }
  const attachments = attached.map(({ current, bytes }) => ({
    name: `${current.name}.${ENDINGS[current.media_type] ?? 'txt'}`, media_type: current.media_type, bytes,
  }))
  const { to, cc } = content
  const parts = { body: sha256(body.text), attached: attached.map(({ current }) => current.digest) }
  const digest = sha256(canonical({ to, cc, subject, ...parts }))
  return { subject, body, attachments, digest }
}

async function documentOf(read: Reader, name: string): Promise<{ current: Current; bytes: Uint8Array }> {
  const current = await currentDocument(read, read.onboarding.id, name)
  if (current !== null) return { current, bytes: await bytesOf(read, current) }
  throw new OnboardError(
    'invalid', 'no-such-document',
    `there is no document '${name}' of ${read.onboarding.key} to send: a step before this one renders it`,
    { suggestions: [`onboard document list ${read.onboarding.key}`] },
  )
}
