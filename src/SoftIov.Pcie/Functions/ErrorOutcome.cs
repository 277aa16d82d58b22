namespace SoftIov.Pcie;

/// <summary>How far an error got.</summary>
public enum ErrorOutcome
{
    /// <summary>The function is not there.</summary>
    NotThere,

    /// <summary>Status registers show it; software masked it, or did not enable its message.</summary>
    Logged,

    /// <summary>A message was sent, and the root port passes none on: SERR# forwarding is off there.</summary>
    Stopped,

    /// <summary>The root port has it: root error status and the source of the error.</summary>
    Reported,
}
