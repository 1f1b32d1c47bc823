/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

/** Which logins have to wait, for the failures before. Safe from any thread; nothing here blocks. */
public interface FailedLogins {
    /**
     * How long a login has to wait, ms; 0 if it may be tried now.
     *
     * @param address the client's, without port
     */
    long pause(String user, String address);

    /** The password or whatever was shown was wrong. */
    void failed(String user, String address);

    /** The user was let in: failures before count no more. */
    void succeeded(String user, String address);
}
