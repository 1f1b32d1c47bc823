/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.jms;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.reporting.legacy.xml.LegacyXmlReportGeneratingListener;

/** The child JVM of {@code bin/tck}: runs one class of the TCK, or one method of it, and writes JUnit's XML. */
final class TckClassMain {
    private TckClassMain() {}

    /** Arguments: the directory of the report, the limit of a test in seconds, the class, and methods if not all. */
    public static void main(String[] args) {
        Path reports = Path.of(args[0]);
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .configurationParameter("junit.jupiter.execution.timeout.default", args[1] + " s")
                // The TCK catches everything, an interruption too: only another thread can leave such a test.
                .configurationParameter("junit.jupiter.execution.timeout.thread.mode.default", "SEPARATE_THREAD");
        if (args.length == 3) {
            request.selectors(DiscoverySelectors.selectClass(args[2]));
        }
        for (int i = 3; i < args.length; i++) {
            request.selectors(DiscoverySelectors.selectMethod(args[2], args[i]));
        }
        PrintWriter console = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        Launcher launcher = LauncherFactory.create();
        launcher.execute(request.build(), new LegacyXmlReportGeneratingListener(reports, console), new Progress());
        System.exit(0); // the tests leave threads behind
    }

    /** Says which test runs, so that the log of one that hung or killed its JVM tells which it was. */
    private static final class Progress implements TestExecutionListener {
        @Override
        public void executionStarted(TestIdentifier test) {
            if (test.isTest()) {
                System.out.println("tck: begin " + test.getDisplayName());
            }
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isTest()) {
                System.out.println("tck: " + result.getStatus() + " " + test.getDisplayName());
                result.getThrowable().ifPresent(thrown -> thrown.printStackTrace(System.out));
            }
        }
    }
}
