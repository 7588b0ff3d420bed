import fs from 'node:fs'
import path from 'node:path'
import type { ClientConfig } from 'pg'
import type { Home } from './home.ts'

/** How to reach the server: a private socket, or on Windows a port of the loopback with a password. */
export interface Endpoint {
  readonly port: number
  readonly password: string
}

/** File inside the data folder, so that it appears together with the data it opens. */
const FILE = 'onboard-endpoint.json'

/** Windows has no private sockets: port and password are drawn when the data is made. */
export function writeEndpoint(data: string, endpoint: Endpoint): void {
  fs.writeFileSync(path.join(data, FILE), JSON.stringify(endpoint), { mode: 0o600 })
}

/** Connection settings for a login; `folder` is where the socket is. */
export function endpoint(home: Home, folder: string = home.socket): ClientConfig & { host: string; port: number } {
  if (process.platform !== 'win32') return { host: folder, port: 5432 }
  const { port, password } = JSON.parse(fs.readFileSync(path.join(home.data, FILE), 'utf8')) as Endpoint
  return { host: '127.0.0.1', port, password }
}
