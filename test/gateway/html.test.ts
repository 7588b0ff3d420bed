import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeHtml, html } from '../../src/gateway/html.ts'

test.each([
  [`<script>alert(1)</script>`, '&lt;script&gt;alert(1)&lt;/script&gt;'], [`" onfocus='x'`, '&quot; onfocus=&#39;x&#39;'], ['a & b', 'a &amp; b'],
  ['\u202Egnp.exe', '\uFFFDgnp.exe'], ['a\u0000b\u001bc', 'a\uFFFDb\uFFFDc'], ['line\none\ttab', 'line\none\ttab'], ['Ünïcödé 漢字 🙂', 'Ünïcödé 漢字 🙂'],
])('%j is text', (text, expected) => expect(escapeHtml(text)).toBe(expected))

test('whatever is put into a page, its elements and attributes are those of the page', () => {
  const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '=', '/', 'a', ' ', '\u202e', ';') }))
  fc.assert(fc.property(anything, anything, (one, other) => {
    const { text } = html`<p title="${one}">${[other, html`<b>${one}</b>`]}</p>`
    expect(text.match(/[<>]/g)).toHaveLength(8)
    expect(text.match(/"/g)).toHaveLength(2)
    expect(text).not.toContain("'")
  }))
})

test('what is not there leaves nothing, and a zero is a zero', () => {
  expect(html`${null}${undefined}${false}${''}${0}${[]}`.text).toBe('0')
})
