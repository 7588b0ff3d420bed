/**
 * A SAML identity provider in a process of its own. It says its address and metadata on a line of standard output as
 * JSON, takes applications as JSON on lines of standard input, and ends when that does. Argument: its people as JSON.
 */
import { createInterface } from 'node:readline'
import { type ServiceProvider, startSamlProvider } from '../../src/cli/demo/saml-provider.ts'

const provider = await startSamlProvider(JSON.parse(process.argv[2] ?? '[]') as never)
process.stdout.write(`${JSON.stringify({ metadata: provider.metadata() })}\n`)
for await (const line of createInterface({ input: process.stdin })) {
  provider.register(JSON.parse(line) as ServiceProvider)
  process.stdout.write(`${JSON.stringify({ registered: true })}\n`)
}
await provider.close()
