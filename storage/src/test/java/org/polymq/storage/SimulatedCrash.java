/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

/** The process stops here. */
public final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1L;

    public SimulatedCrash(String where) {
        super(where, null, false, false);
    }
}
