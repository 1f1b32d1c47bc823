/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

/** What a server said to somebody who asked for something. */
enum Verdict {
    DONE,
    /** It is not known who asks. */
    NOT_AUTHENTICATED,
    /** It is known, and not permitted. */
    NO_PERMISSION
}
