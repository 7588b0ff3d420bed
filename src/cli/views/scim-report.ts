/** What the SCIM tester found: for a terminal, a CI server, and as evidence. */
import type { Exchange, Finding, Report, Verdict } from '../../identity/scim/tester/tester.ts'
import { junit, type TestCase } from '../encode/junit.ts'
import { markdown } from '../encode/markdown.ts'
import { terminal } from '../encode/terminal.ts'
import type { Output } from '../output.ts'
import { bold, dim, green, red, yellow, type Piece } from '../style.ts'

const MARKS: Readonly<Record<Verdict, Piece>> = {
  pass: green('✓'), warn: yellow('!'), fail: red('✗'), not_checked: dim('–'),
}
/** Of a body more than this says no more. */
const SHOWN = 400

/** One finding, as it comes. */
export function showFinding(finding: Finding, out: Output): void {
  const { id, title, paragraph, verdict, said, admin, exchanges } = finding
  out.line(MARKS[verdict], ' ', bold(id), '  ', title, dim(`  ${paragraph}`))
  for (const one of said) out.line('    ', one)
  if (verdict !== 'fail') return
  if (admin !== null) out.line('    ', dim('An administrator sees: '), admin)
  for (const one of exchanges.slice(-3)) out.line('    ', dim(lineOf(one)))
}

export function showReport({ url, dialect, findings, throttled, left }: Report, out: Output): void {
  const count = (verdict: Verdict) => findings.filter((one) => one.verdict === verdict).length
  out.line()
  out.line(
    bold(url), `  as ${dialect}: `,
    `${count('pass')} passed, ${count('warn')} warned, ${count('fail')} failed, ${count('not_checked')} not checked`,
  )
  if (throttled > 0) out.note(`The server asked for time ${throttled} times (429) and was given it.`)
  if (left.length > 0) out.note(yellow('Not removed: '), left.join(', '))
}

function lineOf({ request, response, ms }: Exchange): string {
  const body = request.body === undefined ? '' : ` ${cut(JSON.stringify(request.body))}`
  return `${request.method} ${request.path}${body} → ${response.status} ${cut(response.text)} (${ms} ms)`
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}

export function asJunit({ dialect, findings }: Report): string {
  const cases = findings.map(({ id, title, paragraph, verdict, said, admin }): TestCase => ({
    suite: `scim.${dialect}`, name: `${id}: ${title} (${paragraph})`,
    state: verdict === 'fail' ? 'failed' : verdict === 'not_checked' ? 'skipped' : 'passed',
    message: said.length === 0 ? null : [
      ...said, ...(admin === null ? [] : [`An administrator sees: ${admin}`]),
    ].join('\n'),
  }))
  return junit('onboard scim test', cases)
}

/** The whole of it with every request and answer, to be kept as evidence. */
export function asMarkdown(report: Report): string {
  const { url, dialect, started_at, findings, verdict, throttled, left } = report
  const rows = findings.map(({ verdict: found, id, title, paragraph, said }) => (
    `| ${[found, ...[id, title, paragraph, said.join('; ')].map(markdown)].join(' | ')} |`
  ))
  return [
    `# SCIM test of ${markdown(url)}`, '',
    `Requests as ${dialect} sends them, begun ${started_at}. Result: **${verdict}**.`,
    ...(throttled > 0 ? ['', `The server asked for time ${throttled} times.`] : []),
    ...(left.length > 0 ? ['', `Not removed: ${markdown(left.join(', '))}.`] : []),
    '', '| result | check | what it checks | by | found |', '| --- | --- | --- | --- | --- |', ...rows,
    ...findings.flatMap(({ id, title, exchanges }) => [
      '', `## ${markdown(id)}: ${markdown(title)}`, '', ...exchanges.flatMap(fenced),
    ]),
    '',
  ].join('\n')
}

function fenced({ request, response }: Exchange): string[] {
  const type = response.headers['content-type']
  const lines = [
    `${request.method} ${request.path}`,
    ...(request.body === undefined ? [] : [JSON.stringify(request.body)]),
    `→ ${response.status}${type === undefined ? '' : ` ${type}`}`,
    ...(response.text === '' ? [] : [cut(response.text)]),
  ]
  // Indented code ends only with its indent: no text of a server can leave it.
  return [...lines.map((line) => `    ${terminal(line)}`), '']
}
