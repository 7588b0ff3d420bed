import { oneLine } from './visible.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;', '=': '&#61;',
}

/** Text → HTML that shows that very text, inside an element or a quoted attribute. */
export function html(text: string): string {
  return oneLine(text).replaceAll(/[&<>"'`=]/g, (char) => ENTITIES[char] ?? char)
}

/** An address as a link that shows itself. */
export function htmlLink(url: URL): string {
  return `<a href="${html(url.href)}">${html(url.href)}</a>`
}
