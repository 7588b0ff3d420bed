import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/package.ts'

/** A Markdown file of the repository. */
export interface Page {
  /** From the root: `docs/ci.md`. */
  readonly file: string
  readonly text: string
}

/** A fenced block with the language after its fence. */
export interface Block {
  readonly language: string
  readonly text: string
}

export const pages: readonly Page[] = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...docs()].map((file) => ({
  file, text: readFileSync(join(packageRoot, file), 'utf8'),
}))

function docs(): string[] {
  return readdirSync(join(packageRoot, 'docs')).filter((name) => name.endsWith('.md')).sort().map((name) => `docs/${name}`)
}

export function blocksOf({ text }: Page): readonly Block[] {
  return [...text.matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gms)].map(([, , language = '', block = '']) => ({ language, text: block }))
}

export function proseOf({ text }: Page): string {
  return text.replace(/^( *)```.*?^\1```$/gms, '')
}

/** Every `onboard …` that the page tells its reader to type, as words after `onboard`. */
export function commandLines(page: Page): readonly (readonly string[])[] {
  const typed = blocksOf(page).flatMap(({ language, text }) => {
    if (language === 'ts' || language === 'sql') return []
    const lines = text.replaceAll(/ *\\\n */g, ' ').split('\n')
    return language === 'console' ? lines.filter((line) => /^(\$|→) /.test(line)) : lines
  })
  const inline = [...proseOf(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  return [...typed, ...inline].flatMap(commandsIn)
}

/** `npx onboard db url` inside a pipe, a substitution or after variables; not the name inside a path or sentence. */
function commandsIn(line: string): string[][] {
  const plain = line.replace(/(^|\s)#.*$/, '')
  const found = plain.matchAll(/(?:^(?:- run: |- |\$ |→ )?|[|&(] *)\s*(?:[A-Z_]+=(?:"[^"]*"|\S+) +)*(?:npx +)?onboard +((?:"(?:\$\([^)]*\)|[^"])*"|'[^']*'|[^|&()<>"'`]|[<>](?=\s))+)/g)
  return [...found].map(([, words = '']) => (words.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? []).map((word) => word.replace(/^["']|["']$/g, '')))
}
