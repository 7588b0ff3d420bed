import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findTemplates, shippedTemplates, templateNames } from '../../src/documents/find.ts'
import { templateFile } from '../../src/documents/file.ts'
import { compile, TRIED } from '../../src/documents/template.ts'
import type { OnboardError } from '../../src/errors.ts'
import type { JsonObject } from '../../src/model.ts'
import { packageRoot } from '../../src/package.ts'
import { SAMPLES } from './samples.ts'

const written = (body: string, head = '', ending = 'md') => compile(templateFile(`templates/one.${ending}`, Buffer.from(`---\ntitle: One\n${head}---\n${body}`)))
const rendered = (body: string, data: JsonObject, head = '', ending = 'md') => written(body, head, ending).render(data, TRIED).text

function thrown(work: () => unknown): OnboardError {
  try {
    work()
  } catch (error) {
    return error as OnboardError
  }
  throw new Error('it was accepted')
}

describe('what a template can do', () => {
  test.each(['{% include "x" %}', '{% render "x" %}', '{% layout "x" %}', '{% capture x %}{% endcapture %}', '{% increment x %}', '{% raw %}{% endraw %}', '{% liquid %}', '{% echo a %}'])('%s is no tag', (body) => {
    expect(thrown(() => written(body))).toMatchObject({ kind: 'invalid', code: 'template-invalid', message: expect.stringMatching(/^templates\/one\.md:4: tag ".*" not found/) })
  })
  test.each(['raw', 'escape', 'where', 'date', 'base64_decode', 'jsonify', 'inspect', 'sort'])('%s is no filter', (filter) => {
    expect(thrown(() => written(`\n{{ a | ${filter} }}`).render({ a: 'x' }, TRIED))).toMatchObject({ kind: 'invalid', message: `templates/one.md:5: undefined filter: ${filter}` })
  })
  test('nothing of JavaScript is reached', () => {
    for (const path of ['a.constructor', 'a.__proto__', 'a.toString', 'document.constructor.name']) {
      expect(thrown(() => rendered(`{{ ${path} }}`, path.startsWith('a.') ? { a: { b: 'x' } } : {})).message).toContain('has no value')
    }
  })
  test('a loop without end stops', () => {
    const body = '{% for a in (1..100000) %}{% for b in (1..100000) %}x{% endfor %}{% endfor %}'
    expect(thrown(() => rendered(body, {}))).toMatchObject({ kind: 'invalid' })
  })
})

describe('values', () => {
  test('markup in a name is shown as typed, in each kind of file', () => {
    const data = { name: '<b>A*c*me</b> [x](y)' }
    expect(rendered('Hello {{ name }}', data)).toBe('Hello \\<b>A\\*c\\*me\\</b> \\[x\\](y)\n')
    expect(rendered('Hello {{ name }}', data, '', 'html')).toBe('Hello &lt;b&gt;A*c*me&lt;/b&gt; [x](y)\n')
    expect(rendered('Hello {{ name }}', data, '', 'txt')).toBe('Hello <b>A*c*me</b> [x](y)\n')
  })
  test('filters do not take the encoding away', () => {
    expect(rendered('{{ names | join: "<i>" }} {{ none | default: "<u>" }}', { names: ['<b>', 'c'] }, 'optional: none\n')).toBe('\\<b>\\<i>c \\<u>\n')
    expect(rendered('{{ text | quote }}', { text: '# one\n<b>two</b>\n\n- three' })).toBe('> \\# one  \n> \\<b>two\\</b>  \n>  \n> \\- three\n')
  })
  test('what nobody recorded is not said to be no', () => {
    expect(rendered('{{ a.b | known }}, {{ a.c | known }}, {{ a.d | known }}', { a: { b: null, c: false, d: true } })).toBe('not recorded, no, yes\n')
  })
  test('dates, links and booleans', () => {
    expect(rendered('{{ a | spelled }} {{ b | spelled | join: ", " }} {{ c | duration }} {{ d | duration }} {{ e | duration }}', { a: 'okta', b: ['soc2', 'iso27001', 'TISAX'], c: '4h', d: '1d', e: 'soon' })).toBe('Okta SOC 2, ISO 27001, TISAX 4 hours 1 day soon\n')
    expect(rendered('{{ a | day }} {{ b | url }} {{ c }} {{ d | hours }}', { a: '2027-02-15', b: 'https://x.example/a b', c: true, d: 1 })).toBe('Monday, 15 February 2027 <https://x.example/a%20b> yes 1 hour\n')
  })
  test.each([
    ['{{ a | day }}', '2027-02-30', 'a is "2027-02-30", which is no date'],
    ['{{ a | url }}', 'javascript:alert(1)', 'a is "javascript:alert(1)", which is no web address'],
    ['{{ a | url }}', 'https://user:word@x.example', 'a is "https://user:word@x.example", which is no web address'],
    ['{{ a | sign_in }}', 'magic', 'a is "magic", not password, sso, sso-and-password'],
    ['{{ a }}', ['x'], 'a is a list, not a text'],
    ['{{ a.b }}', { b: ' ' }, 'a.b has no value'],
    ['x\n{{ a.b.c }}', {}, 'a.b has no value'],
  ])('%s of %j names variable, template and line', (body, a, message) => {
    const line = body.split('\n').length + 3
    expect(thrown(() => rendered(body, { a: a as never }))).toMatchObject({ kind: 'invalid', message: `templates/one.md:${line}: ${message}` })
  })
  test('an empty text is no value: it is asked for, and named where it is shown', () => {
    expect(rendered('{% if a.b %}{{ a.b }}{% else %}none{% endif %}', { a: { b: '' } })).toBe('none\n')
    expect(thrown(() => rendered('{{ a }}', { a: '' })).message).toBe('templates/one.md needs a in its data')
  })
  test('all names that are missing are said at once, and what nothing uses', () => {
    expect(thrown(() => rendered('{{ a }}{{ b }}{% for c in cs %}{{ c }}{% endfor %}', { cs: [], d: 1 }, 'filled: cs\n')).message)
      .toBe('templates/one.md needs a, b in its data, and needs something in cs, and has no use for d')
  })
})

test.each([
  ['no head', 'x', 1], ['no end of the head', '---\ntitle: x\n', 1], ['no title', '---\nsummary: x\n---\n', 1], ['an unknown key', '---\ntitle: x\nfoo: y\n---\n', 3], ['Liquid that ends nowhere', '---\ntitle: x\n---\n\n{{ a', 5],
])('a template with %s is refused with its line', (_title, text, line) => {
  expect(thrown(() => compile(templateFile('templates/bad.md', Buffer.from(text)))).message).toMatch(new RegExp(`^templates/bad\\.md:${line}: `))
})

describe('finding', () => {
  test("a workspace's template takes the place of a shipped one of its name, whatever its ending", async () => {
    const own = new Map([['templates/go-live-mail.md', Buffer.from('---\ntitle: Ours\n---\nx')]])
    expect(await findTemplates(own)('go-live-mail')).toMatchObject({ path: 'templates/go-live-mail.md' })
    expect(await findTemplates(new Map())('go-live-mail')).toMatchObject({ path: 'templates/go-live-mail.txt' })
    expect(templateNames(own).filter((name) => name === 'go-live-mail')).toHaveLength(1)
  })
  test.each(['../package', '/etc/passwd', 'no-such', 'Go-Live', ''])('%j is none', async (name) => {
    await expect(findTemplates(new Map())(name)).rejects.toMatchObject({ kind: 'invalid', code: 'unknown-template' })
  })
})

describe.each(shippedTemplates())('%s', (path) => {
  const template = compile(templateFile(path, readFileSync(join(packageRoot, path))))
  const data = SAMPLES[template.file.name]

  test('says what it is and renders from a sample, with nothing left unfilled', () => {
    expect(template.summary).toMatch(/\.$/)
    if (data === undefined) throw new Error(`no sample of ${template.file.name}`)
    const { title, text } = template.render(data, TRIED)
    expect(`${title}\n${text}`).not.toMatch(/\{\{|\{%|undefined|null|NaN|\[object/)
    expect(title.length).toBeLessThan(150)
  })

  test('fails where any of the names that it needs is missing, and names it', () => {
    for (const name of template.required) {
      const { [name]: _left, ...rest } = data ?? {}
      expect(thrown(() => template.render(rest, TRIED))).toMatchObject({ kind: 'invalid', message: expect.stringContaining(name) })
    }
  })

  test('a name with markup, control characters and line breaks does no harm in it', () => {
    const bad = JSON.parse(JSON.stringify(data).replaceAll('Acme', '<script>[x](y)\\u202e\\nAcme')) as JsonObject
    const { title, text } = template.render(bad, TRIED)
    expect(title).not.toMatch(/[\n\u202e]/)
    expect(text).not.toContain('\u202e')
    if (template.media_type !== 'text/plain') expect(text).not.toMatch(/(?<!\\)<script>/)
  })
})

test.each([
  ['password', undefined, 'Invite your users; they can begin today.'],
  ['sso-and-password', false, 'Tell your users; they can begin today.'],
  ['sso', true, 'Your users come from your directory; they can begin today.'],
])('the go-live mail says how users come in: sign-in by %s, a directory: %s', (login, directory, says) => {
  const template = compile(templateFile('templates/go-live-mail.txt', readFileSync(join(packageRoot, 'templates/go-live-mail.txt'))))
  const data = { ...SAMPLES['go-live-mail'], login, ...(directory === undefined ? {} : { directory }) }
  expect(template.render(data, TRIED).text).toContain(`  1. ${says}\n`)
})
