import { defineConfig } from 'oxlint'

/** What each folder of src/ may not import: imports point one way (docs: layout). A name with `!` spares its ports. */
const LAYERS: Readonly<Record<string, string>> = {
  input: 'runbook engine onboarding actions product documents metrics identity database journal gateway adapters cli',
  runbook: 'engine onboarding actions product documents metrics identity database journal gateway adapters cli',
  engine: 'onboarding actions product! documents metrics identity database journal gateway adapters cli',
  onboarding: 'actions product documents identity database journal gateway adapters cli',
  actions: 'input runbook engine! onboarding journal gateway adapters cli',
  product: 'input runbook engine onboarding actions documents metrics identity journal gateway adapters cli',
  documents: 'input runbook engine onboarding actions product metrics identity database journal gateway adapters cli',
  metrics: 'input runbook engine onboarding actions product documents identity database journal gateway adapters cli',
  identity: 'input runbook engine onboarding actions product documents metrics journal gateway adapters cli',
  database: 'input runbook engine onboarding actions product documents metrics identity journal gateway adapters cli',
  journal: 'input runbook actions documents metrics identity gateway adapters cli',
  gateway: 'input runbook engine onboarding actions documents metrics database journal adapters cli',
  adapters: 'input runbook onboarding actions product documents metrics database journal gateway cli',
  cli: '',
}

/** Libraries and the only folders that use them; their types may be named anywhere. */
const LIBRARIES: readonly (readonly [library: string, folders: string])[] = [
  ['yaml', 'input'],
  ['ajv', 'input'],
  ['ajv-formats', 'input'],
  ['@marcbachmann/cel-js', 'runbook'],
  ['knex', 'database journal product'],
  ['pg', 'database journal product'],
  ['bcrypt', 'product'],
  ['execa', 'adapters'],
  ['fastify', 'gateway'],
  ['@fastify/cookie', 'gateway'],
  ['@fastify/formbody', 'gateway'],
  ['@fastify/helmet', 'gateway'],
  ['@fastify/rate-limit', 'gateway'],
  ['openid-client', 'identity'],
  ['jose', 'identity cli'],
  ['oidc-provider', 'cli'],
  ['liquidjs', 'documents'],
  ['nodemailer', 'adapters'],
  ['undici', 'adapters'],
  ['samlify', 'identity cli'],
  ['libxml2-wasm', 'identity'],
  ['xml-crypto', 'identity'],
  ['csv-parse', 'metrics'],
  ['chalk', 'cli'],
  ['rolldown', 'build'],
  ['@inquirer/prompts', 'cli'],
  ['@oclif/core', 'cli build'],
  ['string-width', 'cli'],
]

const layer = (folder: string) => {
  const forbidden = (LAYERS[folder] ?? '').split(' ').filter((name) => name !== '')
  const patterns = forbidden.map((written) => {
    const name = written.replace('!', '')
    const message = `${folder}/ does not import ${name}/`
    return written === name
      ? { regex: `(^|/)\\.\\./${name}/`, message }
      : { group: [`**/${name}/**`, `!**/${name}/port.ts`, `!**/${name}/ports.ts`], message: `${message} but for its port` }
  })
  const libraries = LIBRARIES.filter(([, folders]) => !folders.split(' ').includes(folder)).map(([library, folders]) => (
    { regex: `^${library}(/|$)`, allowTypeImports: true, message: `${library} is used in ${folders} only` }
  ))
  const commands = { regex: '(^|/)commands/', message: 'nothing imports a command' }
  return { files: [`src/${folder}/**`], rules: { 'no-restricted-imports': ['error', { patterns: [...patterns, ...libraries, commands] }] as never } }
}

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'oxc', 'promise'],
  categories: { correctness: 'error' },
  rules: { 'import/no-cycle': 'error', 'no-console': 'error' },
  ignorePatterns: ['dist', 'onboard-demo'],
  overrides: [
    ...Object.keys(LAYERS).map(layer),
    { files: ['src/model.ts', 'src/dates.ts', 'src/errors.ts', 'src/package.ts'], rules: { 'no-restricted-imports': ['error', { patterns: [{ regex: '^\\.', message: 'imports nothing of ours' }] }] as never } },
    { files: ['test/**'], rules: { 'no-console': 'off' } },
  ],
})
