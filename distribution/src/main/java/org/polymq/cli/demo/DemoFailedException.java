/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

/** A message of the demo did not arrive. */
public final class DemoFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    DemoFailedException(String message) {
        super(message);
    }
}
