import { describe, expect, test } from 'vitest'
import { calendarText, folded } from '../../src/documents/encode/calendar.ts'
import { header, mailbox } from '../../src/documents/encode/header.ts'
import { html } from '../../src/documents/encode/html.ts'
import { markdown } from '../../src/documents/encode/markdown.ts'
import { oneLine } from '../../src/documents/encode/visible.ts'

/** Names as somebody could type them who means harm, or who only has an unusual name. */
const CORPUS = [
  '<script>alert(1)</script>', '<b>Bold</b> & Sons', '"Quoted" \'Inc\'', '[click](https://evil.example)', '![x](https://evil.example/t.png)',
  '# Heading', '> quote', '- item', '1. first', '---', '===', '**bold** _it_ `code` ~~gone~~', 'a | b', '&copy; &#60;', 'www.evil.example',
  'https://evil.example', ':smile:', String.raw`back\slash`, 'line\nbreak', 'line\r\nBcc: all@evil.example', '\u202egnirts', 'zero\u200bwidth', 'bell\u0007', 'O’Brien & Co. (née Müller) 株式会社',
]

describe('every value reads as it was typed', () => {
  test.each(CORPUS)('as Markdown: %j', (text) => {
    const shown = markdown(text)
    expect(shown).not.toContain('\n')
    // oxlint-disable-next-line no-control-regex
    expect(shown).not.toMatch(/[\u0000-\u001f\u200b\u202e]/)
    // Without its backslashes it is the text, hidden characters shown.
    expect(shown.replaceAll(/\\([!-/:-@[-`{-~])/g, '$1')).toBe(oneLine(text))
    expect(shown).not.toMatch(/(?<!\\)[<[|`*]|^(?:[#>]|[-+] |\d+[.)] |-+$|=+$)/)
  })

  test.each(CORPUS)('as HTML: %j', (text) => {
    const shown = html(text)
    expect(shown).not.toMatch(/[<>"'`]/)
    const back: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&#96;': '`', '&#61;': '=' }
    expect(shown.replaceAll(/&(?:amp|lt|gt|quot|#39|#96|#61);/g, (entity) => back[entity] ?? '')).toBe(oneLine(text))
  })

  test.each(CORPUS)('as one line of text: %j', (text) => {
    // oxlint-disable-next-line no-control-regex
    expect(oneLine(text)).not.toMatch(/[\u0000-\u001f\u200b\u202e]/)
  })

  test.each(CORPUS)('in a calendar: %j', (text) => {
    const shown = calendarText(text)
    // oxlint-disable-next-line no-control-regex
    expect(shown).not.toMatch(/[\u0000-\u001f]/)
    expect(shown.replaceAll(/\\[\\;,n]/g, '')).not.toMatch(/[\\;,]/)
  })
})

test('names stay readable: nothing is escaped that is no markup where it stands', () => {
  expect(markdown('Acme GmbH & Co. KG, +49 30 1234567, first_last@acme.example, 99.5 %')).toBe('Acme GmbH & Co. KG, +49 30 1234567, first_last@acme.example, 99.5 %')
})

describe('mail headers', () => {
  test.each(['a\nBcc: x@evil.example', 'a\r\nX: y', 'a\u0000', 'a\u2028b'])('%j is refused', (text) => {
    expect(() => header(text, 'subject')).toThrow(/the subject holds a line break or control character/)
  })
  test.each(['a@b.example, c@d.example', 'Ada <ada@acme.example>', 'ada@acme.example\nBcc: x@y.example', 'ada', '@b.example', 'a@b..example', 'a@', '"a b"@c.example', '-oQ/tmp@x.example>'])('%j is no address', (text) => {
    expect(() => mailbox(text, 'to')).toThrow(/is not a mail address/)
  })
  test('addresses and subjects pass as they are', () => {
    expect(mailbox("o'brien+onboarding@mail.acme.example", 'to')).toBe("o'brien+onboarding@mail.acme.example")
    expect(header('Grüße, 株式会社', 'subject')).toBe('Grüße, 株式会社')
  })
})

test('calendar lines are folded at 75 bytes, and no character is cut', () => {
  const text = folded(`SUMMARY:${'株式会社é'.repeat(40)}`)
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  expect(text.replaceAll('\r\n ', '').trimEnd()).toBe(`SUMMARY:${'株式会社é'.repeat(40)}`)
})
