/**
 * Says why Kafka could not be reached or used, under a code that stays the same whatever broker and client call it. Their
 * own words name hosts, topics and certificates; never what a record holds, and never a password.
 */

/** What the operator has to look at first. */
export type KafkaFaultCode =
  | 'KAFKA_SIGN_IN_REFUSED'
  | 'KAFKA_NOT_TRUSTED'
  | 'KAFKA_TLS_REFUSED'
  | 'KAFKA_UNAVAILABLE'

export interface KafkaFault {
  /** none where the fault is not of the way to Kafka: the database's, or a topic that does not fit */
  readonly code?: KafkaFaultCode
  readonly why: string
}

const NEXT: Readonly<Record<KafkaFaultCode, string>> = {
  KAFKA_SIGN_IN_REFUSED: '; check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE',
  KAFKA_NOT_TRUSTED: '; check KAFKA_TLS_CA_FILE and the names in the certificate of the broker',
  KAFKA_TLS_REFUSED: '; check KAFKA_TLS, KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE',
  KAFKA_UNAVAILABLE: '',
}

/** Codes of Node and OpenSSL for a certificate that is not believed. */
const NOT_TRUSTED =
  /^(CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/
const TLS_REFUSED = /^(ERR_SSL_|EPROTO)/

export function kafkaFault(fault: unknown): KafkaFault {
  const code = codeOf(fault)
  const why = wordsOf(fault)
  return code === null ? { why } : { code, why: `${why}${NEXT[code]}` }
}

/** kafkajs wraps what happened once or several times. */
function codeOf(fault: unknown): KafkaFaultCode | null {
  if (!(fault instanceof Error && fault.name.startsWith('KafkaJS'))) return null
  for (let cause: unknown = fault; cause instanceof Error; cause = cause.cause) {
    if (cause.name === 'KafkaJSSASLAuthenticationError') return 'KAFKA_SIGN_IN_REFUSED'
    const code = 'code' in cause ? String(cause.code) : ''
    if (NOT_TRUSTED.test(code)) return 'KAFKA_NOT_TRUSTED'
    if (TLS_REFUSED.test(code)) return 'KAFKA_TLS_REFUSED'
  }
  return 'KAFKA_UNAVAILABLE'
}

/** Faults of database and broker, as they say it themselves. */
export const wordsOf = (fault: unknown) => (fault instanceof Error ? fault.message : String(fault))
