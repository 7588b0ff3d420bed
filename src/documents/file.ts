import type { TemplateFile } from '../contract.ts'
import { sha256 } from '../digest.ts'

export type MediaType = 'text/markdown' | 'text/plain' | 'text/html'

/** What a template makes, by the ending of its file. */
export const MEDIA: Readonly<Record<string, MediaType>> = { md: 'text/markdown', txt: 'text/plain', html: 'text/html' }
export const TEMPLATE_ENDINGS: readonly string[] = Object.keys(MEDIA)

/** How the file of a document ends, by what it is. */
export const ENDINGS: Readonly<Record<string, string>> = {
  'text/calendar': 'ics', ...Object.fromEntries(Object.entries(MEDIA).map(([ending, media]) => [media, ending])),
}

/** A template file as its bytes have it. */
export function templateFile(path: string, bytes: Uint8Array): TemplateFile {
  const name = path.replace(/^.*\//, '').replace(/\.[a-z]+$/, '')
  return { name, path, text: Buffer.from(bytes).toString('utf8'), digest: sha256(bytes) }
}
