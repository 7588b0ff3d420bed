/** The language server that editors use for YAML, spoken to as an editor does. */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const require = createRequire(import.meta.url)

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: never
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

export interface EditorProblem {
  readonly message: string
  readonly range: { readonly start: { readonly line: number; readonly character: number } }
}

export interface Editor {
  /** Opens a text under a path and gives what the server finds wrong with it. */
  open(path: string, text: string): Promise<readonly EditorProblem[]>
  /** Labels offered at a place of an open text; line and character count from 0. */
  complete(path: string, line: number, character: number): Promise<readonly string[]>
  /** What is said when the pointer rests there. */
  hover(path: string, line: number, character: number): Promise<string>
  close(): Promise<void>
}

/** @param settings as in an editor's settings.json; @param root folder that is open in the editor */
export async function openEditor(root: string, settings: Readonly<Record<string, unknown>> = {}): Promise<Editor> {
  const program = require.resolve('yaml-language-server/bin/yaml-language-server')
  const server = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = new Promise<void>((resolve) => void server.once('exit', () => resolve()))
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>()
  const found = new Map<string, (problems: readonly EditorProblem[]) => void>()
  const uri = (path: string) => pathToFileURL(join(root, path)).href
  const yaml = {
    validate: true, hover: true, completion: true, schemaStore: { enable: false }, format: { enable: false },
    schemas: settings['yaml.schemas'] ?? {},
  }
  let next = 1

  const send = (message: object): void => {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }))
    server.stdin.write(`Content-Length: ${body.length}\r\n\r\n`)
    server.stdin.write(body)
  }
  const ask = <T>(method: string, params: object): Promise<T> => {
    const id = next++
    send({ id, method, params })
    return new Promise<T>((resolve, reject) => waiting.set(id, { resolve: resolve as never, reject }))
  }
  const answer = ({ id, method, params, result, error }: Message): void => {
    if (method === 'workspace/configuration') {
      const { items } = params as unknown as { items: { section?: string }[] }
      send({ id, result: items.map(({ section }) => (section === 'yaml' ? yaml : section === '[yaml]' ? {} : null)) })
    } else if (method === 'textDocument/publishDiagnostics') {
      const { uri: about, diagnostics } = params as unknown as { uri: string; diagnostics: EditorProblem[] }
      found.get(about)?.(diagnostics)
    } else if (method !== undefined && id !== undefined) send({ id, result: null })
    else if (id !== undefined) {
      if (error === undefined) waiting.get(id)?.resolve(result as never)
      else waiting.get(id)?.reject(new Error(error.message))
    }
  }
  let received = Buffer.alloc(0)
  server.stdout.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    for (;;) {
      const end = received.indexOf('\r\n\r\n')
      const length = Number(/Content-Length: (\d+)/.exec(received.subarray(0, Math.max(end, 0)).toString())?.[1])
      if (end < 0 || received.length < end + 4 + length) return
      answer(JSON.parse(received.subarray(end + 4, end + 4 + length).toString()) as Message)
      received = received.subarray(end + 4 + length)
    }
  })

  await ask('initialize', {
    processId: process.pid, rootUri: pathToFileURL(root).href,
    workspaceFolders: [{ uri: pathToFileURL(root).href, name: 'test' }],
    capabilities: {
      workspace: { configuration: true, workspaceFolders: true },
      textDocument: { publishDiagnostics: {}, hover: { contentFormat: ['markdown'] } },
    },
  })
  send({ method: 'initialized', params: {} })
  send({ method: 'workspace/didChangeConfiguration', params: { settings: { yaml } } })

  const at = (path: string, line: number, character: number) => (
    { textDocument: { uri: uri(path) }, position: { line, character } }
  )
  return {
    open(path, text) {
      const problems = new Promise<readonly EditorProblem[]>((resolve) => found.set(uri(path), resolve))
      const textDocument = { uri: uri(path), languageId: 'yaml', version: 1, text }
      send({ method: 'textDocument/didOpen', params: { textDocument } })
      return problems
    },
    async complete(path, line, character) {
      const list = await ask<{ items: { label: string }[] } | null>(
        'textDocument/completion', at(path, line, character),
      )
      return (list?.items ?? []).map(({ label }) => label)
    },
    async hover(path, line, character) {
      const said = await ask<{ contents: { value: string } | string } | null>(
        'textDocument/hover', at(path, line, character),
      )
      return typeof said?.contents === 'string' ? said.contents : (said?.contents.value ?? '')
    },
    async close() {
      await ask('shutdown', {})
      send({ method: 'exit' })
      await ended
    },
  }
}
