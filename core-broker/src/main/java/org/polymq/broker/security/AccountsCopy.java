/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.nio.ByteBuffer;

/**
 * All users, roles, access keys and tokens as of a version, with their encrypted secrets: for another group of the same
 * cluster, which has the same key file. Immutable.
 */
public final class AccountsCopy {
    private final long version;
    private final ByteBuffer content;

    /** @param content what {@link AccountsView#save} writes */
    AccountsCopy(long version, byte[] content) {
        this.version = version;
        this.content = ByteBuffer.wrap(content).asReadOnlyBuffer();
    }

    /** Greater than that of every copy made before; see {@link Accounts#version}. */
    public long version() {
        return version;
    }

    ByteBuffer content() {
        return content.duplicate();
    }

    @Override
    public String toString() {
        return "accounts of version " + version + ", " + content.remaining() + " bytes";
    }
}
