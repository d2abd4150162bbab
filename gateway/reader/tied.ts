/** Whether the register ties somebody to one of several children now. No log reader reads what is about her own. */

/** The live ties, as a query; each place is the text of an expression. @param children of pseudonyms */
export const TIED = (issuer: string, subject: string, at: string, children: string): string => `
  select from child_connection c join child_pseudonym q on q.lookup = c.child
  where (c.issuer, c.subject) = (${issuer}, ${subject}) and q.pid = any (${children})
    and c.starts <= ${at} and (c.ends is null or c.ends > ${at})`
