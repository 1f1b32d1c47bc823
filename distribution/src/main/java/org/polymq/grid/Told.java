/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

/** What one process tells others at once. */
sealed interface Told {
    /** To a gateway: a client that it had by this claim is elsewhere now. */
    record Elsewhere(String clientId, long epoch) implements Told {}

    /** To all: a login has to wait after so many failures. */
    record Failing(String user, String address, int count) implements Told {}
}
