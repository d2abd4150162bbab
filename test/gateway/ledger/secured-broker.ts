/** A real broker that asks for TLS: with SCRAM or a plain password on one port, with a certificate of the client on another. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startKafka } from '../../../gateway/local/kafka.ts'
import { installKafka, kafkaCacheDir } from '../../../gateway/local/kafka-install.ts'
import { someFree } from '../../../gateway/local/ports.ts'

export const USER = { name: 'sightline', password: 'of-this-test-only-7Qz' }

export interface SecuredBroker {
  /** for files of the test's own; removed at the end */
  readonly folder: string
  /** TLS, and a name with its password */
  readonly signedIn: string
  /** TLS, and a certificate of the client */
  readonly mutual: string
  /** of who vouches for the broker, of somebody else, and the client's own */
  readonly files: Readonly<Record<'ca' | 'otherCa' | 'cert' | 'key' | 'otherKey' | 'password', string>>
  end(): Promise<void>
}

const run = promisify(execFile)

export async function securedBroker(): Promise<SecuredBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'sightline-secured-'))
  const at = (name: string) => join(folder, name)
  for (const name of ['ca', 'other-ca']) await authority(at, name)
  for (const name of ['broker', 'client']) await certificate(at, name)
  await writeFile(
    at('broker.both'),
    Buffer.concat([await readFile(at('broker.key')), await readFile(at('broker.pem'))]),
  )
  await writeFile(at('password'), `${USER.password}\n`)
  const [port = 0, controllerPort = 0, signed = 0, mutual = 0] = await someFree(4)
  const here = (name: string, on: number) => `${name}://127.0.0.1:${on}`
  const ours = [here('PLAINTEXT', port), here('SIGNED', signed), here('MUTUAL', mutual)]
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  const kafka = await startKafka({
    ...{ jars: await installKafka(kafkaCacheDir(), () => undefined), dataDir: at('kafka') },
    ...{ port, controllerPort, users: [USER] },
    settings: {
      listeners: [...ours, here('CONTROLLER', controllerPort)].join(','),
      'advertised.listeners': ours.join(','),
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SIGNED:SASL_SSL,MUTUAL:SSL',
      'inter.broker.listener.name': 'PLAINTEXT',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': at('broker.both'),
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': at('ca.pem'),
      'listener.name.mutual.ssl.client.auth': 'required',
      'listener.name.signed.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.signed.scram-sha-256.sasl.jaas.config': scram,
      'listener.name.signed.scram-sha-512.sasl.jaas.config': scram,
      'listener.name.signed.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_${USER.name}="${USER.password}";`,
    },
  })
  return {
    folder,
    signedIn: `127.0.0.1:${signed}`,
    mutual: `127.0.0.1:${mutual}`,
    files: {
      ...{ ca: at('ca.pem'), otherCa: at('other-ca.pem'), cert: at('client.pem'), key: at('client.key') },
      ...{ otherKey: at('other-ca.key'), password: at('password') },
    },
    async end() {
      await kafka.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

async function authority(at: (name: string) => string, name: string): Promise<void> {
  const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)]
  await run('openssl', ['req', '-x509', ...NEW_KEY, '-days', '2', '-subj', `/CN=${name}.example`, ...files])
}

async function certificate(at: (name: string) => string, name: string): Promise<void> {
  const request = ['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)]
  await run('openssl', ['req', '-new', ...NEW_KEY, '-subj', `/CN=${name}.example`, ...request])
  await writeFile(at(`${name}.ext`), 'subjectAltName=IP:127.0.0.1\n')
  const by = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2']
  const files = ['-in', at(`${name}.csr`), '-extfile', at(`${name}.ext`), '-out', at(`${name}.pem`)]
  await run('openssl', ['x509', '-req', ...by, ...files])
}
