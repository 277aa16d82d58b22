namespace SoftIov.Pcie;

/// <content>Errors that functions report, and faults that are injected.</content>
internal sealed partial class SriovDevice
{
    /// <summary>Logs an error of one function and sends the message its PF's settings ask for. Not on a poller: it takes the device's lock.</summary>
    public ErrorOutcome LogError(PciFunction function, UncorrectableError error) => Log(function, () => FunctionErrors.Log(function, error));

    /// <summary>The same for an error that hardware corrected.</summary>
    public ErrorOutcome LogError(PciFunction function, CorrectableError error) => Log(function, () => FunctionErrors.Log(function, error));

    /// <summary>What is injected into the first PF (<paramref name="vf"/> null) or one of its VFs, enabled or not; null when nothing is.</summary>
    public InjectedFaults? FaultsOf(int? vf)
    {
        lock (_gate)
            return _engines[0].FaultsOf(vf);
    }

    /// <summary>Where to inject faults into the first PF or one of its VFs.</summary>
    public InjectedFaults Inject(int? vf)
    {
        lock (_gate)
            return _engines[0].Inject(vf);
    }

    /// <summary>Nothing is injected into the first PF or one of its VFs any more.</summary>
    public void ClearFaults(int? vf)
    {
        lock (_gate)
            _engines[0].ClearFaults(vf);
    }

    /// <summary>Nothing is injected into any function of the first PF any more.</summary>
    public void ClearFaults()
    {
        lock (_gate)
            _engines[0].ClearFaults();
    }

    /// <summary>VF Enable of the first PF goes to 0 although no software wrote it: its VFs vanish.</summary>
    public void LoseVfEnable()
    {
        lock (_gate)
        {
            if (!_isDisposed)
                _engines[0].LoseVfEnable();
        }

        RaiseGone();
    }

    /// <summary>False with the completion that an injected fault answers with.</summary>
    private static bool Answers(PciFunction function, ref Completion completion)
    {
        if (function.Faults is not { } faults)
            return true;
        completion = faults.AnswerConfig();
        return completion == Completion.Success;
    }

    private ErrorOutcome Log(PciFunction function, Func<ErrorMessage?> log)
    {
        lock (_gate)
        {
            ErrorMessage? message;
            lock (function.Gate)
            {
                if (!function.IsPresent)
                    return ErrorOutcome.NotThere;
                message = log();
            }

            if (message is not { } report)
                return ErrorOutcome.Logged;
            return _port?.Report(report) == true ? ErrorOutcome.Reported : ErrorOutcome.Stopped;
        }
    }
}
