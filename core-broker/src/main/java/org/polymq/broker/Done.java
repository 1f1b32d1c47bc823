/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

/** The answer of a request that has no other: it was done. */
public enum Done {
    DONE
}
