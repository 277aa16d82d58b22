namespace SoftIov.Pcie;

/// <summary>Errors that hardware corrects; the value is the bit in AER's correctable registers (PCIe 7.8.4.5).</summary>
public enum CorrectableError
{
    /// <summary>Receiver error of the link.</summary>
    Receiver = 0,

    /// <summary>Bad TLP on the link.</summary>
    BadTlp = 6,

    /// <summary>Bad DLLP on the link.</summary>
    BadDllp = 7,

    /// <summary>REPLAY_NUM rollover of the link.</summary>
    ReplayRollover = 8,

    /// <summary>Replay timer timeout of the link.</summary>
    ReplayTimeout = 12,

    /// <summary>An uncorrectable error that the function leaves to others to judge; masked at power-on.</summary>
    AdvisoryNonFatal = 13,
}
