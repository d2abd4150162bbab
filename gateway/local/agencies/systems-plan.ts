/** What the agencies' systems are to be, as plain data that another process can be given. */

/** All that a process needs to start the agencies, as plain data. */
export interface SystemsPlan {
  readonly dataDir: string
  readonly issuer: string
  readonly ports: readonly number[]
  readonly seed: number
  readonly children: number
  readonly today: string | null
  readonly dfeFolders: readonly string[]
  /** of a superuser; the agencies' own, which the gateway never has */
  readonly databases: { readonly police: string; readonly childrensServices: string }
}

export const POLICE_DATABASE = 'northshire_police'
export const CHILDRENS_SERVICES_DATABASE = 'northshire_ccm'
