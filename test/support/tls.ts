/** Certificates made with openssl for one test, and real servers on loopback that show them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecure, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** An authority of its own, and certificates that it signs: for a name, from and until so many days from now. */
export function createAuthority() {
  const dir = mkdtempSync(join(tmpdir(), 'onboard-ca-'))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
  const authority = ['-keyout', 'ca.key', '-out', 'ca.crt', '-days', '3650', '-subj', '/CN=Test authority']
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...authority)
  const leaf = ['-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=leaf']
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...leaf)
  const stamp = (days: number): string => {
    const at = new Date(Date.now() + days * 86_400_000).toISOString()
    return `${at.replace(/[-:T]/g, '').slice(0, 14)}Z`
  }
  const settings = [
    '[ca]', 'default_ca=d',
    '[d]', 'database=index', 'serial=serial', 'new_certs_dir=.', 'default_md=sha256', 'policy=p', 'unique_subject=no',
    'copy_extensions=none',
    '[p]', 'commonName=supplied',
  ]
  writeFileSync(join(dir, 'ca.cnf'), `${settings.join('\n')}\n`)
  writeFileSync(join(dir, 'index'), '')
  writeFileSync(join(dir, 'serial'), '01')
  return {
    ca: readFileSync(join(dir, 'ca.crt'), 'utf8'),
    certificate(name: string, from: number, until: number): Certificate {
      writeFileSync(join(dir, 'ext'), `subjectAltName=${name}\n`)
      const signer = ['-config', 'ca.cnf', '-cert', 'ca.crt', '-keyfile', 'ca.key']
      const span = ['-startdate', stamp(from), '-enddate', stamp(until)]
      openssl('ca', '-batch', ...signer, '-in', 'leaf.csr', '-out', 'leaf.crt', ...span, '-extfile', 'ext', '-notext')
      return { key: readFileSync(join(dir, 'leaf.key'), 'utf8'), cert: readFileSync(join(dir, 'leaf.crt'), 'utf8') }
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

/** A server on 127.0.0.1: https where it is given a certificate. */
export async function serve(
  answer: RequestListener, tls?: ServerOptions,
): Promise<{ readonly url: string; readonly port: number; close(): Promise<void> }> {
  const server = tls === undefined ? createServer(answer) : createSecure(tls, answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    close: () => new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    }),
  }
}
