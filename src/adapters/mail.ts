/** Mail: a server by SMTP, or a folder where none is configured. The only user of nodemailer. */
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import MailComposer from 'nodemailer/lib/mail-composer'
import type { Letter, Postbox } from '../contract.ts'
import { OnboardError } from '../errors.ts'
import { deliver, type Server } from './smtp.ts'

/** Where mail goes into a folder: what is sent twice is one file. */
export function folderPostbox(folder: string, from: string): Postbox {
  return {
    via: `folder ${folder}`,
    repeatable: true,
    async send(letter) {
      const file = join(folder, `${letter.message_id.replaceAll(/[<>]/g, '').replaceAll(/[^A-Za-z0-9.@-]/g, '_')}.eml`)
      const temporary = `${file}.${process.pid}`
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await rm(temporary, { force: true })
        const handle = await open(temporary, 'wx', 0o600)
        try {
          await handle.writeFile(await composed(letter, from))
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(temporary, file)
      } catch (cause) {
        if (cause instanceof OnboardError) throw cause
        const { code, message } = cause as NodeJS.ErrnoException
        throw new OnboardError(
          'failed', 'mail-not-written', `the mail was not written to ${folder}: ${code ?? message}`, { cause },
        )
      }
      return { response: `written to ${file}`, refused: [] }
    },
  }
}

/** Where mail goes to a server. */
export function smtpPostbox(server: Server, from: string): Postbox {
  return {
    via: `${server.host}:${server.port}`,
    repeatable: false,
    send: async (letter, within_ms) => {
      const envelope = { from: addressOf(from), to: [...new Set([...letter.to, ...letter.cc])] }
      return deliver(server, envelope, await composed(letter, from), within_ms)
    },
  }
}

/** `Name <address>` → `address`. */
export function addressOf(from: string): string {
  return /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from.trim()
}

/** The letter as the bytes of a message. No file or address of the web is ever read: all content is in the letter. */
async function composed(
  { message_id, to, cc, subject, date, body, attachments }: Letter, from: string,
): Promise<Buffer> {
  const html = body.media_type === 'text/html'
  const mail = new MailComposer({
    from, to: [...to], cc: [...cc], subject, messageId: message_id, date: new Date(date),
    ...(html ? { html: body.text } : { text: body.text }),
    attachments: attachments.map(({ name, media_type, bytes }) => ({
      filename: name, contentType: media_type, content: Buffer.from(bytes),
    })),
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true, disableUrlAccess: true,
  })
  return mail.compile().build()
}
