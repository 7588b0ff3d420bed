import { oneLine } from './visible.ts'

/**
 * Text → Markdown that reads as that very text, in its source as well as rendered: only what CommonMark or GFM would
 * take for markup where it stands carries a backslash. Names come without emphasis, links, HTML, table cells, headings
 * or lists of their own.
 */
export function markdown(text: string): string {
  return oneLine(text)
    .replaceAll(/[\\`*[\]<|~$]/g, String.raw`\$&`)
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, String.raw`\_`)
    .replaceAll(/&(?=#?\w+;)/g, String.raw`\&`)
    .replaceAll('://', String.raw`\://`)
    .replaceAll(/\bwww\./gi, (www) => `${www.slice(0, -1)}\\.`)
    .replaceAll(/:(?=[\w+-]+:)/g, String.raw`\:`)
    // What is markup at the beginning of a line only.
    .replace(/^(?:[>#]|[-+](?=\s|$)|-+$|=+$)/, String.raw`\$&`)
    .replace(/^(\d{1,9})(?=[.)](?:\s|$))/, '$1\\')
}

/** An address as a link that shows itself. Takes what `URL` has accepted. */
export function markdownLink(url: URL): string {
  return `<${url.href.replaceAll(/[<>\\]/g, (char) => encodeURIComponent(char))}>`
}
