/** SimpleSAMLphp as a customer's identity provider: another implementation than anything that we use. */
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { SpUrls } from '../../src/identity/saml/urls.ts'
import { bodyOf, type IdpKey } from '../../src/cli/demo/saml-message.ts'
import { freePort } from './free-port.ts'

const PHP = process.env['ONBOARD_TEST_PHP'] ?? 'php'
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

/** Its folder, where this machine has it and a PHP that runs it. */
export const SIMPLESAMLPHP = [process.env['ONBOARD_TEST_SIMPLESAMLPHP'] ?? '/usr/share/simplesamlphp'].find(
  (folder) => fs.existsSync(join(folder, 'www/module.php')) && /(^dom$)[^]*(^mbstring$)/m.test(phpModules()),
)

function phpModules(): string {
  return spawnSync(PHP, ['-m'], { encoding: 'utf8' }).stdout ?? ''
}

export const PERSON = { name: 'ada', password: 'correct-horse', email: 'ada@acme.example' }

export interface SimpleSamlPhp {
  readonly origin: string
  /** The application is known from now on. */
  register(urls: SpUrls, certificate: string, encrypt: boolean): void
  /** Signs with the second key from now on; its metadata names both. */
  rotate(): void
  /** What it has written of itself. */
  log(): string
  close(): Promise<void>
}

export async function startSimpleSamlPhp(keys: readonly [IdpKey, IdpKey]): Promise<SimpleSamlPhp> {
  if (SIMPLESAMLPHP === undefined) throw new Error('there is no SimpleSAMLphp here')
  const folder = fs.mkdtempSync('/tmp/onboard-test-ssp')
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  for (const name of ['metadata', 'cert', 'data', 'tmp', 'log', 'sessions']) fs.mkdirSync(join(folder, name))
  const php = (path: string, text: string): void => fs.writeFileSync(join(folder, path), `<?php\n${text}\n`)
  keys.forEach(({ certificate, private_key }, n) => {
    fs.writeFileSync(join(folder, `cert/${n}.crt`), certificate)
    fs.writeFileSync(join(folder, `cert/${n}.pem`), private_key)
  })
  php('config.php', `$config = [
  'baseurlpath' => '${origin}/', 'certdir' => '${folder}/cert/', 'loggingdir' => '${folder}/log/',
  'datadir' => '${folder}/data/', 'tempdir' => '${folder}/tmp', 'metadatadir' => '${folder}/metadata/',
  'attributenamemapdir' => '${SIMPLESAMLPHP}/attributemap/',
  'timezone' => 'UTC', 'secretsalt' => 'only-for-a-test', 'auth.adminpassword' => 'only-for-a-test',
  'enable.saml20-idp' => true,
  'logging.handler' => 'errorlog', 'logging.level' => 7, 'errorreporting' => false,
  'admin.checkforupdates' => false, 'store.type' => 'phpsession',
  'session.phpsession.savepath' => '${folder}/sessions', 'session.cookie.secure' => false,
  'session.cookie.samesite' => 'Lax',
  'language.cookie.secure' => false, 'language.available' => ['en'], 'language.default' => 'en',
  'theme.use' => 'default', 'production' => true,
  'module.enable' => ['exampleauth' => true], 'metadata.sources' => [['type' => 'flatfile']],
  'trusted.url.domains' => null,
];`)
  php('authsources.php', `$config = ['people' => ['exampleauth:UserPass', '${PERSON.name}:${PERSON.password}' => [
  'uid' => ['${PERSON.name}'], 'email' => ['${PERSON.email}'], 'name' => ['Ada Lovelace'],
  'groups' => ['admins', 'staff'],
]]];`)
  const hosted = (first: number): void => php('metadata/saml20-idp-hosted.php', `
$metadata['${origin}/saml2/idp/metadata.php'] = [
  'host' => '__DEFAULT__', 'auth' => 'people', 'privatekey' => '${first}.pem', 'certificate' => '${first}.crt',
  ${first === 0 ? '' : `'new_privatekey' => '0.pem', 'new_certificate' => '0.crt',`}
  'validate.authnrequest' => true, 'sign.logout' => true, 'validate.logout' => true,
  'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'NameIDFormat' => '${PERSISTENT}',
  'authproc' => [3 => ['class' => 'saml:AttributeNameID', 'attribute' => 'uid', 'Format' => '${PERSISTENT}']],
];`)
  hosted(0)
  const registered: string[] = []
  // Debian's release of it uses what its PHP already finds old, and would say so in every page.
  // Compiled code is looked at again only after two seconds: a rotation would go unnoticed that long.
  const settings = ['display_errors=0', 'error_reporting=22527', 'opcache.enable=0'].flatMap((one) => ['-d', one])
  const child = spawn(PHP, [...settings, '-S', `127.0.0.1:${port}`, '-t', join(SIMPLESAMLPHP, 'www')], {
    env: { ...process.env, SIMPLESAMLPHP_CONFIG_DIR: folder }, stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (data: Buffer) => { said += data })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  for (let n = 0; n < 200 && child.exitCode === null && !(await answers(origin)); n++) await pause(25)
  return {
    origin,
    register(urls, certificate, encrypt) {
      registered.push(`$metadata['${urls.entity_id}'] = [
  'AssertionConsumerService' => '${urls.acs}', 'SingleLogoutService' => '${urls.slo}',
  'certData' => '${bodyOf(certificate)}', 'assertion.encryption' => ${encrypt}, 'NameIDFormat' => '${PERSISTENT}',
];`)
      php('metadata/saml20-sp-remote.php', registered.join('\n'))
    },
    rotate: () => hosted(1),
    log: () => said,
    async close() {
      child.kill()
      await ended
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}

const answers = async (origin: string): Promise<boolean> => (
  fetch(`${origin}/`, { redirect: 'manual' }).then(() => true, () => false)
)
