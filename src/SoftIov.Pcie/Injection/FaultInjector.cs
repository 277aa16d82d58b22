using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// Injects faults into an adapter, for people who write drivers. A function is the PF (null) or a VF by its number from 0 below TotalVFs,
/// enabled or not. What is injected stays until its times or its time are used up, or it is cleared, or the adapter is given away or taken
/// back; resets do not end it. Any thread.
/// </summary>
public sealed class FaultInjector
{
    private readonly SriovDevice _device;
    private readonly RootComplex _complex;

    internal FaultInjector(SriovDevice device, RootComplex complex)
    {
        _device = device;
        _complex = complex;
    }

    /// <summary>The next configuration requests from the bus get request retry status.</summary>
    public void RetryConfig(int? vf, int requests) => Into(vf).Retries.Left = Count(requests);

    /// <summary>Configuration requests from the bus get request retry status from now on, for <paramref name="time"/>.</summary>
    public void RetryConfig(int? vf, TimeSpan time) => Into(vf).RetryTime = time;

    /// <summary>The function is ready only <paramref name="time"/> after VF Enable and each reset, longer than allowed or not.</summary>
    public void StartLate(int? vf, TimeSpan time) => Into(vf).Lateness = time;

    /// <summary>The next configuration requests, of both views, read all ones or are lost; <see cref="Countdown.Forever"/> for all.</summary>
    public void ReadAllOnes(int? vf, int requests) => Into(vf).AllOnes.Left = Count(requests);

    /// <summary>The next interrupt messages are lost.</summary>
    public void LoseMessages(int? vf, int messages) => Into(vf).LostMessages.Left = Count(messages);

    /// <summary>The next interrupt messages are sent twice.</summary>
    public void RepeatMessages(int? vf, int messages) => Into(vf).RepeatedMessages.Left = Count(messages);

    /// <summary>The next DMA accesses are refused, each with a fault record.</summary>
    public void RefuseDma(int? vf, int accesses)
    {
        Into(vf).Dma.Refusals.Left = Count(accesses);
        FunctionOf(vf)?.Dma.Retranslate();
    }

    /// <summary>
    /// The completions of the next DMA reads are poisoned: the function throws the data away, reports a poisoned TLP, and does what it does
    /// without data that it needs.
    /// </summary>
    public void PoisonReads(int? vf, int reads)
    {
        InjectedDmaFaults dma = Into(vf).Dma;
        dma.Poisoned = () => Report(vf, UncorrectableError.PoisonedTlp);
        dma.PoisonedReads.Left = Count(reads);
        FunctionOf(vf)?.Dma.Retranslate();
    }

    /// <summary>The function finds an error that is lost for good, and reports it as software asked for.</summary>
    /// <exception cref="ArgumentException">The error is the link's, which no VF reports.</exception>
    public ErrorOutcome Report(int? vf, UncorrectableError error)
    {
        RefuseLinkError(vf, FunctionErrors.IsFunctions(error), nameof(error));
        return FunctionOf(vf) is { } function ? _device.LogError(function, error) : ErrorOutcome.NotThere;
    }

    /// <summary>The function finds an error that was corrected, and reports it as software asked for.</summary>
    /// <exception cref="ArgumentException">The error is the link's, which no VF reports.</exception>
    public ErrorOutcome Report(int? vf, CorrectableError error)
    {
        RefuseLinkError(vf, FunctionErrors.IsFunctions(error), nameof(error));
        return FunctionOf(vf) is { } function ? _device.LogError(function, error) : ErrorOutcome.NotThere;
    }

    /// <summary>Whether a VF can report <paramref name="error"/>; if not, it is the link's and only the PF does.</summary>
    public static bool IsFunctions(UncorrectableError error) => FunctionErrors.IsFunctions(error);

    /// <summary>The same for an error that was corrected.</summary>
    public static bool IsFunctions(CorrectableError error) => FunctionErrors.IsFunctions(error);

    /// <summary>VF Enable goes to 0 although no software wrote it: all VFs vanish under their clients.</summary>
    public void LoseVfEnable() => _device.LoseVfEnable();

    /// <summary>
    /// The link to the root port is down: nothing passes, and the device below is in reset. When it is up again the device is as after a
    /// conventional reset, and software has to find it anew.
    /// </summary>
    public bool IsLinkDown
    {
        get => _complex.Port(0).IsCut;
        set => _complex.CutLink(0, value);
    }

    /// <summary>What is in force in a function.</summary>
    public IReadOnlyList<FaultInForce> InForce(int? vf)
    {
        List<FaultInForce> all = [];
        if (_device.FaultsOf(vf) is not { } faults)
            return all;
        Add(all, FaultKind.Retry, faults.Retries.Left, TimeSpan.Zero);
        Add(all, FaultKind.RetryFor, 0, faults.RetryTime);
        Add(all, FaultKind.Late, 0, faults.Lateness);
        Add(all, FaultKind.AllOnes, faults.AllOnes.Left, TimeSpan.Zero);
        Add(all, FaultKind.LostMessages, faults.LostMessages.Left, TimeSpan.Zero);
        Add(all, FaultKind.RepeatedMessages, faults.RepeatedMessages.Left, TimeSpan.Zero);
        Add(all, FaultKind.RefusedDma, faults.Dma.Refusals.Left, TimeSpan.Zero);
        Add(all, FaultKind.PoisonedReads, faults.Dma.PoisonedReads.Left, TimeSpan.Zero);
        return all;
    }

    /// <summary>Ends all that is in force in a function.</summary>
    public void Clear(int? vf) => _device.ClearFaults(vf);

    /// <summary>Ends all that is in force in the adapter: done when it changes hands, for who has it next knows nothing of it.</summary>
    public void ClearAll()
    {
        IsLinkDown = false;
        _device.ClearFaults();
    }

    private static void Add(List<FaultInForce> all, FaultKind kind, int left, TimeSpan time)
    {
        if (left != 0 || time > TimeSpan.Zero)
            all.Add(new(kind, left, time));
    }

    private static int Count(int count) => count is > 0 or Countdown.Forever ? count : throw new ArgumentOutOfRangeException(nameof(count));

    private static void RefuseLinkError(int? vf, bool isFunctions, string name)
    {
        if (vf is not null && !isFunctions)
            throw new ArgumentException("a VF does not report errors of the link", name);
    }

    private InjectedFaults Into(int? vf) => _device.Inject(vf);

    private PciFunction? FunctionOf(int? vf) => vf is { } number ? _device.Vf(0, number) : _device.Engines[0].Physical;
}
