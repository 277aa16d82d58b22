using SoftIov.Api;
using SoftIov.Pcie;

namespace SoftIov.Daemon.Faults;

/// <summary>Errors that functions report by advanced error reporting.</summary>
internal static class ErrorFaults
{
    /// <summary>Name of the fault.</summary>
    public const string Name = "aer";

    /// <summary>Its key.</summary>
    public const string Key = "error";

    private static readonly (string Word, UncorrectableError Error)[] Uncorrectable =
    [
        ("poisoned", UncorrectableError.PoisonedTlp),
        ("completion-timeout", UncorrectableError.CompletionTimeout),
        ("completer-abort", UncorrectableError.CompleterAbort),
        ("unexpected-completion", UncorrectableError.UnexpectedCompletion),
        ("unsupported-request", UncorrectableError.UnsupportedRequest),
        ("data-link-protocol", UncorrectableError.DataLinkProtocol),
        ("flow-control", UncorrectableError.FlowControlProtocol),
        ("receiver-overflow", UncorrectableError.ReceiverOverflow),
        ("malformed-tlp", UncorrectableError.MalformedTlp),
    ];

    private static readonly (string Word, CorrectableError Error)[] Correctable =
    [
        ("receiver", CorrectableError.Receiver),
        ("bad-tlp", CorrectableError.BadTlp),
        ("bad-dllp", CorrectableError.BadDllp),
        ("replay-rollover", CorrectableError.ReplayRollover),
        ("replay-timeout", CorrectableError.ReplayTimeout),
        ("advisory", CorrectableError.AdvisoryNonFatal),
    ];

    /// <summary>All words.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. Uncorrectable.Select(e => e.Word), .. Correctable.Select(e => e.Word)];

    /// <summary>Reports the error that the key names.</summary>
    public static string Inject(FaultPlace place, FaultValues values)
    {
        int? vf = place.EnabledFunction(Name);
        string word = values[Key] ?? throw FaultPlace.Refused($"'{Name}' needs {Key}", $"one of {string.Join(", ", Words)}");
        foreach ((string known, UncorrectableError error) in Uncorrectable)
        {
            if (known == word)
            {
                RefuseLinkError(place, vf, word, FaultInjector.IsFunctions(error));
                return Tell(place, word, place.Injector.Report(vf, error));
            }
        }

        foreach ((string known, CorrectableError error) in Correctable)
        {
            if (known == word)
            {
                RefuseLinkError(place, vf, word, FaultInjector.IsFunctions(error));
                return Tell(place, word, place.Injector.Report(vf, error));
            }
        }

        throw FaultPlace.Refused($"there is no error '{word}'", Spelling.Suggest(word, Words));
    }

    private static void RefuseLinkError(FaultPlace place, int? vf, string word, bool isFunctions)
    {
        if (vf is not null && !isFunctions)
        {
            throw FaultPlace.Refused(
                $"'{word}' is an error of the link, and no VF reports those", $"softiov inject {place.Target.Adapter}/pf {Name} {Key}={word}");
        }
    }

    private static string Tell(FaultPlace place, string word, ErrorOutcome outcome) => outcome switch
    {
        ErrorOutcome.Reported => $"'{word}' is logged and reported to the root port",
        ErrorOutcome.Stopped => $"'{word}' is logged; the root port passes no errors on: its link is down, or SERR# forwarding off",
        ErrorOutcome.Logged when place.IsWhole => $"'{word}' is logged; software masked it or enabled no message for it",
        ErrorOutcome.Logged => $"'{word}' is logged; there is no root port that the guest could hear of it by",
        _ => throw ControlException.Because(ControlErrorCode.NotFound, $"{place.Target} is gone", "its VFs were disabled just now"),
    };
}
